/**
 * Actors: objects that live once in the cluster, are called one call at a time, and keep their
 * state in Postgres.
 *
 * <p>Start reading at {@link dev.sallyport.data.actor.Actor}, which is what an application writes,
 * then {@link dev.sallyport.data.actor.Directory}, which has the actors that this worker owns, and
 * {@link dev.sallyport.data.actor.Resident}, the life of one. Ownership is a row with a fence; what
 * an actor did is committed under it before anyone hears of it.
 *
 * <p>Services and workflows call actors through {@link dev.sallyport.data.actor.Actors}; what
 * another worker has to serve travels as a row, which its {@link dev.sallyport.data.actor.Carrier}
 * finds.
 */
@NullMarked
package dev.sallyport.data.actor;

import org.jspecify.annotations.NullMarked;
