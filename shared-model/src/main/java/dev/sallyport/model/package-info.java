/**
 * The words both workers share: what a failure looks like on the wire ({@link
 * dev.sallyport.model.Problem}), how one worker proves to the other that a call is its own ({@link
 * dev.sallyport.model.CallSigner}), and the names of the headers they exchange.
 *
 * <p>{@link dev.sallyport.model.Migrations} says how each worker brings its tables up to date.
 *
 * <p>Records and sealed types only; no framework, no I/O, no clock of its own. Everything here is
 * immutable or says which thread may use it.
 */
@NullMarked
package dev.sallyport.model;

import org.jspecify.annotations.NullMarked;
