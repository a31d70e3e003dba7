package dev.sallyport.user.binding;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What became of one call, without anything that was in it. Immutable.
 *
 * @param id of the request; no two calls have the same
 * @param userId absent for an anonymous call
 * @param keyId the API key that the caller came with, if any
 * @param path as it went out, without its query
 * @param status what the caller was answered; 0 where it was gone
 */
public record EndedCall(
    String id,
    String binding,
    @Nullable String userId,
    @Nullable String keyId,
    String method,
    String path,
    Binding.Outcome outcome,
    int status,
    Duration took) {}
