package dev.sallyport.model.rpc;

/**
 * A service that can be called from elsewhere is an interface that extends this one, is annotated
 * with {@link RpcService}, and names each parameter with {@link RpcParam}:
 *
 * <pre>{@code
 * @RpcService("prices")
 * public interface PricesRpc extends RpcApi {
 *   Price quote(@RpcParam("article") String article, @RpcParam("pieces") int pieces);
 * }
 * }</pre>
 *
 * <p>Each of its abstract methods is callable as {@code prices.quote}. Parameters and results are
 * what JSON is read into and made of: records, lists, maps, enums, numbers, texts, {@code Instant},
 * {@code Duration}. The data-worker serves it with a bean that implements it; Java callers use it
 * through {@link RpcClient#of}.
 */
public interface RpcApi {}
