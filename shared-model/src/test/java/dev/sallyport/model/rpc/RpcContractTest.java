package dev.sallyport.model.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.model.sample.SampleRpc;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RpcContractTest {
  @Test
  void anInterfaceSaysWhatCanBeCalledAndHow() {
    var contract = RpcContract.of(SampleRpc.class);
    assertThat(contract.service()).isEqualTo("sample");
    assertThat(contract.operations())
        .extracting(RpcContract.Operation::name)
        .containsExactly("sample.getData", "sample.subtract", "sample.sum");
    assertThat(contract.operations().get(1).parameters())
        .containsExactly(
            new RpcContract.Parameter("minuend", long.class, true, false),
            new RpcContract.Parameter("subtrahend", long.class, true, false));
    assertThat(contract.operations().get(2).parameters())
        .containsExactly(new RpcContract.Parameter("values", long[].class, false, true));
  }

  @RpcService("some")
  public interface Inherits extends Optionals {
    default String notCallable() {
      return "";
    }
  }

  @RpcService("other")
  public interface Optionals extends RpcApi {
    void maybe(@RpcParam(value = "text", required = false) @Nullable String text);
  }

  @Test
  void inheritedMethodsCountAndThoseWithABodyDoNot() {
    assertThat(RpcContract.of(Inherits.class).operations())
        .singleElement()
        .satisfies(one -> {
          assertThat(one.name()).isEqualTo("some.maybe");
          assertThat(one.parameters().getFirst().required()).isFalse();
        });
  }

  private static final class Bean implements SampleLike, Inherits {
    @Override
    public void maybe(@Nullable String text) {}
  }

  private interface SampleLike extends RpcApi {}

  @Test
  void aBeanServesTheInterfacesWithANameAlone() {
    assertThat(RpcContract.implementedBy(Bean.class)).isEqualTo(List.of(Inherits.class));
  }

  @RpcService("rpc")
  public interface Kept extends RpcApi {}

  @RpcService("Upper")
  public interface Upper extends RpcApi {}

  public interface Nameless extends RpcApi {}

  @RpcService("stranger")
  public interface Stranger {}

  @RpcService("closed")
  interface Closed extends RpcApi {}

  @RpcService("bare")
  public interface Bare extends RpcApi {
    void call(String text);
  }

  @RpcService("twice")
  public interface Twice extends RpcApi {
    void call(@RpcParam("text") String text);

    void call(@RpcParam("number") int number);
  }

  @RpcService("same")
  public interface Same extends RpcApi {
    void call(@RpcParam("text") String text, @RpcParam("text") String other);
  }

  @RpcService("absent")
  public interface Absent extends RpcApi {
    void call(@RpcParam(value = "number", required = false) int number);
  }

  @Test
  void anInterfaceThatCannotBeCalledSaysWhy() {
    assertRefused(Kept.class, "the name rpc is taken");
    assertRefused(Upper.class, "names are like");
    assertRefused(Nameless.class, "no public interface with @RpcService");
    assertRefused(Stranger.class, "extends RpcApi");
    assertRefused(Closed.class, "no public interface");
    assertRefused(Bare.class, "each parameter needs @RpcParam");
    assertRefused(Twice.class, "has two twice.call");
    assertRefused(Same.class, "has two parameters text");
    assertRefused(Absent.class, "cannot be null");
  }

  private static void assertRefused(Class<?> api, String why) {
    assertThatThrownBy(() -> RpcContract.of(api))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
  }
}
