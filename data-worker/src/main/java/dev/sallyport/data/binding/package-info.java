/**
 * The inside of the wall. {@link dev.sallyport.data.binding.Gate} stands before everything on the
 * data port: it refuses what is not under {@code /api/internal/}, and what the user-worker has not
 * signed, before a byte of a body is read. Behind it a service asks {@link
 * dev.sallyport.data.binding.InternalCall} who is calling.
 *
 * <p>A request passes, in this order:
 *
 * <ol>
 *   <li>the gate (signature, caller);
 *   <li>routes that services put on the Vert.x router themselves, because they stream or upgrade;
 *   <li>{@link dev.sallyport.data.binding.Bodies}, which reads at most 1 MiB;
 *   <li>JAX-RS resources, which see a whole body.
 * </ol>
 *
 * <p>Whatever goes wrong on the way is answered by {@link dev.sallyport.data.binding.Problems} as
 * {@code application/problem+json}; a service that refuses throws a {@link
 * dev.sallyport.data.binding.Refusal}. Everything here runs on event loops and blocks none.
 */
@NullMarked
package dev.sallyport.data.binding;

import org.jspecify.annotations.NullMarked;
