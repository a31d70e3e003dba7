/**
 * The service binding: how the user-worker calls a private service by name. {@link
 * dev.sallyport.user.binding.Bindings} finds a {@link dev.sallyport.user.binding.Binding}, which
 * signs a call, sends it over a bounded pool of connections and counts its outcome; a background
 * probe keeps the health that {@code /health} shows. A {@link dev.sallyport.user.binding.Breaker}
 * for each address stops calls that only fail, {@link dev.sallyport.user.binding.Retry} says which
 * are made again, {@link dev.sallyport.user.binding.Fallback} may answer instead, and {@link
 * dev.sallyport.user.binding.CallTrail} is told of each that ended.
 *
 * <p>What one worker alone answers for, an actor or a room, is called through {@link
 * dev.sallyport.user.binding.OwnedCall}: any worker names the owner, a live one is followed once,
 * and {@link dev.sallyport.user.binding.Owners} remembers it.
 *
 * <p>All on event loops, nothing blocks. What goes wrong between the workers becomes one of the
 * problems in {@link dev.sallyport.user.binding.BindingFailure}. An admitted WebSocket upgrade is
 * handed over at {@link dev.sallyport.user.binding.SocketDoor}.
 */
@NullMarked
package dev.sallyport.user.binding;

import org.jspecify.annotations.NullMarked;
