/**
 * What the rest of the data-worker stands on: the clock, this worker's name, the connection to
 * Postgres and whether the tables behind it are ours. Connections and versions, never tables.
 *
 * <p>Start reading at {@link dev.sallyport.data.platform.Schema}. Everything runs on event loops
 * and blocks none. Postgres being away stops nothing here: readiness says so, and a start goes on
 * trying in the background.
 */
@NullMarked
package dev.sallyport.data.platform;

import org.jspecify.annotations.NullMarked;
