/**
 * WebSocket upgrades: {@link dev.sallyport.user.realtime.Tunnels} joins a client's connection to
 * one of its own on the private side once both have agreed to the upgrade, and each {@link
 * dev.sallyport.user.realtime.Tunnel} ends with the session that opened it. From then on bytes pass
 * as they are, so frames, pings, close codes and subprotocols arrive intact; only where a frame
 * ends is looked at, for the close frame that {@link dev.sallyport.user.realtime.JoinedSockets}
 * adds when the session ends or a worker goes ({@link dev.sallyport.user.realtime.Farewell}).
 *
 * <p>Runs on event loops; a side that does not read stops the other from being read.
 */
@NullMarked
package dev.sallyport.user.realtime;

import org.jspecify.annotations.NullMarked;
