package dev.sallyport.model.rpc;

import org.jspecify.annotations.Nullable;

/**
 * The {@code error} of an answer.
 *
 * @param data as the JSON library reads it; null for none
 */
public record RpcError(int code, String message, @Nullable Object data) {}
