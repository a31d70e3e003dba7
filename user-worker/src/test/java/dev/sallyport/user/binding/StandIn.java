package dev.sallyport.user.binding;

import io.smallrye.common.annotation.Identifier;
import io.vertx.core.buffer.Buffer;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** Answers where the path asks for it. */
@ApplicationScoped
@Identifier(Bindings.BACKEND_SERVICE)
class StandIn implements Fallback {
  @Override
  public Optional<Answer> answer(BindingCall call, BindingFailure failure) {
    if (call.target().endsWith("/stand-in-breaks")) {
      throw new IllegalStateException("cannot even do that");
    }
    return call.target().endsWith("/stand-in")
        ? Optional.of(new Answer(200, "text/plain", Buffer.buffer("instead of " + failure)))
        : Optional.empty();
  }
}
