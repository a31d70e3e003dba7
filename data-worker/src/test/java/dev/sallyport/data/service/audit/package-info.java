/** The audit trail behind the wall. */
@NullMarked
package dev.sallyport.data.service.audit;

import org.jspecify.annotations.NullMarked;
