/**
 * The audit trail: user-workers send who called what, and what became of it, to the queue {@code
 * audit}; here it becomes rows of an append-only table, each once. {@link
 * dev.sallyport.data.service.audit.AuditQueue} writes them, {@link
 * dev.sallyport.data.service.audit.AuditRetention} removes the old ones. Both on virtual threads.
 */
@NullMarked
package dev.sallyport.data.service.audit;

import org.jspecify.annotations.NullMarked;
