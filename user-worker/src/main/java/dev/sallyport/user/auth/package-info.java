/**
 * Who is calling: accounts, passwords, tokens, sessions, and what has been revoked. The door for a
 * request is {@link dev.sallyport.user.auth.Authenticator}; for a person at a keyboard, {@link
 * dev.sallyport.user.auth.AuthResource}; for a WebSocket of a page, {@link
 * dev.sallyport.user.auth.Tickets}.
 *
 * <p>A credential that was verified within the last minute costs one hash and two look-ups in
 * memory on the event loop. Verifying a new one and hashing passwords are work for {@link
 * dev.sallyport.user.auth.CryptoPool}, whose queue is bounded. Accounts and sessions live in
 * Postgres; without it nobody signs in, and credentials count for one more second.
 */
@NullMarked
package dev.sallyport.user.auth;

import org.jspecify.annotations.NullMarked;
