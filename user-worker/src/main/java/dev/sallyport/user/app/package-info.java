/**
 * The whole worker put together: {@link dev.sallyport.user.app.Main} does what must be done before
 * anything else runs, and hands over to Quarkus. May use every other package; none uses it.
 */
@NullMarked
package dev.sallyport.user.app;

import org.jspecify.annotations.NullMarked;
