/**
 * Rooms: people who see the same messages in the same order, who else is there, and what they
 * share.
 *
 * <p>Start reading at {@link dev.sallyport.data.room.Room}, the one place in the cluster where a
 * room happens; {@link dev.sallyport.data.room.LogSql} writes its log, {@link
 * dev.sallyport.data.room.Audience} gives each frame to all that are there, and {@link
 * dev.sallyport.data.room.Member} is one socket. A room has its owner, and moves, like an actor. An
 * application opens rooms with a {@link dev.sallyport.data.room.RoomPolicy} and publishes from its
 * transactions through {@link dev.sallyport.data.room.Rooms}.
 */
@NullMarked
package dev.sallyport.data.room;

import org.jspecify.annotations.NullMarked;
