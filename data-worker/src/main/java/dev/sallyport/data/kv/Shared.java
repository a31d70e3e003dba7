package dev.sallyport.data.kv;

import org.jspecify.annotations.Nullable;

/**
 * A shared value as of one version. Immutable.
 *
 * @param version 0 where there never was one; else positive, and rising with each change of the key
 * @param value null where it was deleted, or never was
 */
public record Shared(long version, @Nullable String value) {}
