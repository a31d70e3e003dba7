/**
 * What the rest of the data-worker stands on: the clock, this worker's name, the connection to
 * Postgres and whether the tables behind it are ours. Connections, transactions, notifications and
 * versions, never tables.
 *
 * <p>Start reading at {@link dev.sallyport.data.platform.Transactions}, and for the start at {@link
 * dev.sallyport.data.platform.Schema}. Everything runs on event loops and blocks none, but for
 * transactions, which park the virtual thread that asks for one. Postgres being away stops nothing
 * here: readiness says so, who asks is told by a {@link dev.sallyport.data.platform.StoreFailure},
 * and a start goes on trying in the background.
 */
@NullMarked
package dev.sallyport.data.platform;

import org.jspecify.annotations.NullMarked;
