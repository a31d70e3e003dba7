/**
 * The data-worker: the private side of the wall. Nothing but the user-worker reaches it, and it
 * believes nothing that is not signed.
 *
 * <p>Start reading at {@link dev.sallyport.data.binding}, where a call comes in, then {@link
 * dev.sallyport.data.service.echo}, the smallest service behind it. A package may use what is to
 * its right, and {@code dev.sallyport.model}; a test holds them to it:
 *
 * <pre>app → service → binding → platform</pre>
 *
 * <p>Calls are served on Vert.x event loops unless a method says otherwise. The worker starts,
 * answers liveness and serves what needs no store while Postgres is away.
 */
@NullMarked
package dev.sallyport.data;

import org.jspecify.annotations.NullMarked;
