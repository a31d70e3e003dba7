/**
 * Says back what it hears: the smallest service, by which the road from a client to the data-worker
 * is tested and measured. {@link dev.sallyport.data.service.echo.PingResource} says who is calling,
 * {@link dev.sallyport.data.service.echo.EchoResource} returns JSON, {@link
 * dev.sallyport.data.service.echo.EchoBytes} streams, {@link
 * dev.sallyport.data.service.echo.EchoSocket} is a WebSocket.
 *
 * <p>All of it runs on the event loop: there is nothing to wait for but the caller's own
 * connection, and for that each stream is paused. It needs no store, so it answers while Postgres
 * is away.
 */
@NullMarked
package dev.sallyport.data.service.echo;

import org.jspecify.annotations.NullMarked;
