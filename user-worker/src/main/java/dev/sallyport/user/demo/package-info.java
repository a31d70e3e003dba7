/**
 * A page on which people try out a room: {@code /demo/room}. Start reading at {@link
 * dev.sallyport.user.demo.DemoPages}, which serves it, then at {@code room-client.js} among the
 * resources of this package, which is the protocol as a browser speaks it.
 *
 * <p>It is there where {@code sallyport.demo.enabled} says so, as the local profile does; elsewhere
 * its paths are none. Its files are served from memory, on event loops.
 */
@NullMarked
package dev.sallyport.user.demo;

import org.jspecify.annotations.NullMarked;
