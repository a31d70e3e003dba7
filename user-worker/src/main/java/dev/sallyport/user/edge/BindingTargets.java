package dev.sallyport.user.edge;

import dev.sallyport.model.SigningKeys;
import dev.sallyport.user.binding.Bindings;
import dev.sallyport.user.route.RouteTargets;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Optional;

/** Tells the routes which bindings there are. */
@ApplicationScoped
class BindingTargets implements RouteTargets {
  private final Bindings bindings;

  @Inject
  BindingTargets(Bindings bindings) {
    this.bindings = bindings;
  }

  @Override
  public boolean has(String binding) {
    return bindings.find(binding).isPresent();
  }

  @Override
  public Optional<SigningKeys> signingKeys() {
    return bindings.signingKeys();
  }
}
