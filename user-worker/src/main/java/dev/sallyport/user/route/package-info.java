/**
 * Where a request goes that is for none of this worker's own paths: a path that {@code routes.json}
 * names, else a domain, else the waitlist. Start reading at {@link
 * dev.sallyport.user.route.Routes}; {@link dev.sallyport.user.route.RouteTable} is the order in
 * which routes are tried.
 *
 * <p>Matching reads an immutable table on the request's event loop. Every ten seconds the file is
 * read on a worker thread and compared with what other user-workers have put into Redis. A file
 * that cannot be taken leaves the routes as they were; without Redis each worker keeps its own.
 */
@NullMarked
package dev.sallyport.user.route;

import org.jspecify.annotations.NullMarked;
