/**
 * The whole worker put together: {@link dev.sallyport.data.app.Main} hands over to Quarkus and says
 * why, should the start fail. May use every other package; none uses it.
 */
@NullMarked
package dev.sallyport.data.app;

import org.jspecify.annotations.NullMarked;
