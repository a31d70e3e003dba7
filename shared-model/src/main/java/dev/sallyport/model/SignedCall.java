package dev.sallyport.model;

import org.jspecify.annotations.Nullable;

/**
 * What a signature covers of one call between the workers. A header that the call does not carry is
 * null, which signs differently from an empty one. Immutable.
 *
 * @param binding the name under which the user-worker knows the target
 * @param target path and query exactly as sent
 * @param deadline milliseconds left, as sent
 */
public record SignedCall(
    String binding,
    String method,
    String target,
    @Nullable String userId,
    @Nullable String userRoles,
    @Nullable String requestId,
    @Nullable String clientAddress,
    @Nullable String internalRequest,
    @Nullable String deadline,
    @Nullable String contentType,
    @Nullable String idempotencyKey) {}
