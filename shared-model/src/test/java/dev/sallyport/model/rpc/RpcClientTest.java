package dev.sallyport.model.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.model.rpc.RpcClient.Answer;
import dev.sallyport.model.sample.SampleRpc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The client alone; with real JSON it is tried in the data-worker and against both workers. */
class RpcClientTest {
  private final Script script = new Script();
  private final SampleRpc sample = new RpcClient(request -> request, script).of(SampleRpc.class);

  /** Remembers what is written, and reads what it is told. */
  private static final class Script implements RpcClient.Codec {
    private final List<Object> written = new ArrayList<>();
    private final List<Type> asked = new ArrayList<>();
    private LongFunction<@Nullable Object> answer = id -> new Answer<>("2.0", null, null, id);

    @Override
    public byte[] write(Object value) {
      written.add(value);
      return new byte[0];
    }

    @Override
    public @Nullable Object read(byte[] json, Type type) {
      asked.add(((ParameterizedType) type).getActualTypeArguments()[0]);
      return answer.apply(written.size());
    }
  }

  @Test
  void aCallNamesItsParametersAndItsResult() {
    script.answer = id -> new Answer<>("2.0", 19L, null, (int) id);
    assertThat(sample.subtract(42, 23)).isEqualTo(19);
    assertThat(script.written)
        .containsExactly(
            Map.of(
                "jsonrpc",
                "2.0",
                "method",
                "sample.subtract",
                "params",
                Map.of("minuend", 42L, "subtrahend", 23L),
                "id",
                1L));
    assertThat(script.asked).containsExactly(Long.class);
  }

  @Test
  void aGenericResultIsAskedForAsSuch() {
    script.answer = id -> new Answer<>("2.0", List.of("hello", 5), null, id);
    assertThat(sample.getData()).containsExactly("hello", 5);
    assertThat(script.asked.getFirst().getTypeName()).isEqualTo("java.util.List<java.lang.Object>");
  }

  @Test
  void anErrorIsThrownAsItWasAnswered() {
    script.answer =
        id -> new Answer<>("2.0", null, new RpcError(-32602, "Invalid params", "x"), id);
    assertThatThrownBy(() -> sample.sum(1))
        .isInstanceOfSatisfying(
            RpcException.class,
            thrown ->
                assertThat(thrown.error()).isEqualTo(new RpcError(-32602, "Invalid params", "x")));
  }

  @Test
  void anAnswerToSomethingElseIsNone() {
    script.answer = id -> new Answer<>("2.0", 1L, null, id + 1);
    assertThatThrownBy(() -> sample.sum(1)).isInstanceOf(UncheckedIOException.class);
    script.answer = id -> new Answer<>("1.0", 1L, null, id);
    assertThatThrownBy(() -> sample.sum(1)).isInstanceOf(UncheckedIOException.class);
    script.answer = id -> null;
    assertThatThrownBy(() -> sample.sum(1)).isInstanceOf(UncheckedIOException.class);
  }

  @Test
  void whatTheTransportCannotCarryIsUnchecked() {
    var cut =
        new RpcClient(
                request -> {
                  throw new IOException("503");
                },
                script)
            .of(SampleRpc.class);
    assertThatThrownBy(cut::getData)
        .isInstanceOf(UncheckedIOException.class)
        .hasRootCauseMessage("503");
  }

  @Test
  void aClientIsAnObjectLikeOthers() {
    var other = new RpcClient(bytes -> bytes, script).of(SampleRpc.class);
    assertThat(Set.of(sample, other)).hasSize(2).contains(sample, other);
    assertThat(sample.toString()).contains("SampleRpc");
  }
}
