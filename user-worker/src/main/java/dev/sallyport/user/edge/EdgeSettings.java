package dev.sallyport.user.edge;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.List;
import java.util.Optional;

/** What the edge asks of its surroundings. */
@ConfigMapping(prefix = "sallyport")
interface EdgeSettings {
  /** How many proxies of ours append to {@code X-Forwarded-For}; zero trusts none. */
  @WithDefault("0")
  int trustedHops();

  /** Origins, besides our own, whose pages may make requests: {@code https://app.example}. */
  Optional<List<String>> origins();
}
