package dev.sallyport.data.rpc;

import dev.sallyport.model.rpc.RpcApi;
import dev.sallyport.model.rpc.RpcParam;
import dev.sallyport.model.rpc.RpcService;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A service with everything that a service can have; in tests alone. */
@RpcService("trial")
public interface TrialRpc extends RpcApi {
  /** Some colours. */
  enum Colour {
    RED,
    BLUE
  }

  /** A shape, of shapes. */
  record Shape(
      String name,
      Colour colour,
      List<Shape> parts,
      Map<String, Integer> sizes,
      Duration lasts,
      Instant since,
      @Nullable String note) {}

  /** The same. */
  Shape shape(@RpcParam("shape") Shape shape);

  String scalars(
      @RpcParam("flag") boolean flag,
      @RpcParam("whole") int whole,
      @RpcParam("exact") BigDecimal exact,
      @RpcParam("text") String text,
      @RpcParam("colour") Colour colour,
      @RpcParam(value = "id", required = false) @Nullable UUID id);

  Optional<String> maybe(@RpcParam(value = "text", required = false) @Nullable String text);

  /** Who calls. */
  String who();

  void nothing();

  /** Fails in this way. */
  String fail(@RpcParam("how") String how);

  /** As many characters. */
  String large(@RpcParam("length") int length);

  /** Whether ten were in here at once. */
  boolean meet();

  /** Waits until it is interrupted. */
  String hang();

  /** How often this was called. */
  int count();

  String forClerks();

  String forNobody();
}
