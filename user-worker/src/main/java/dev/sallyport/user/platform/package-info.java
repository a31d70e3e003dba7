/**
 * What every feature of the user-worker stands on: the clock and random sources, transactions on
 * Postgres, migrations, and how a problem is answered. No feature's tables, no routes.
 *
 * <p>Start reading at {@link dev.sallyport.user.platform.Problems}. Each class says which thread
 * may use it; a failure travels as a {@link dev.sallyport.user.platform.ProblemException}.
 */
@NullMarked
package dev.sallyport.user.platform;

import org.jspecify.annotations.NullMarked;
