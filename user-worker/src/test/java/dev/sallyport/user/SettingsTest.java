package dev.sallyport.user;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Changing a key or a default is a decision, so it shows here too. */
class SettingsTest {
  @Test
  void everyKeyAndDefaultIsAsDocumented() {
    assertThat(keys())
        .containsExactly(
            "sallyport.audit.enabled = true",
            "sallyport.audit.waiting-max = 10000",
            "sallyport.auth.access-token-lifetime = PT15M",
            "sallyport.auth.audience = sallyport",
            "sallyport.auth.issuer = sallyport",
            "sallyport.auth.issuers.*.algorithms = ES256,RS256",
            "sallyport.auth.issuers.*.audience (required)",
            "sallyport.auth.issuers.*.jwks-url (required)",
            "sallyport.auth.issuers.*.trust-email = false",
            "sallyport.auth.issuers.*.url (required)",
            "sallyport.auth.key-encryption-key (optional)",
            "sallyport.auth.remembered-max = 20000",
            "sallyport.auth.secure-cookie = true",
            "sallyport.auth.session-lifetime = P30D",
            "sallyport.auth.signing-key-lifetime = P90D",
            "sallyport.bindings.*.breaker.failure-percent = 50",
            "sallyport.bindings.*.breaker.failures = 3",
            "sallyport.bindings.*.breaker.open-for = PT60S",
            "sallyport.bindings.*.breaker.probe-every = PT1S",
            "sallyport.bindings.*.breaker.window = 20",
            "sallyport.bindings.*.calls-max = 2000",
            "sallyport.bindings.*.connect-timeout = PT1S",
            "sallyport.bindings.*.connections-max = 256",
            "sallyport.bindings.*.entrypoint (optional)",
            "sallyport.bindings.*.health-path = /api/internal/ping",
            "sallyport.bindings.*.retries = 1",
            "sallyport.bindings.*.retry-percent = 10",
            "sallyport.bindings.*.silence = PT30S",
            "sallyport.bindings.*.streams-max = 256",
            "sallyport.bindings.*.timeout = PT10S",
            "sallyport.bindings.*.tls (optional)",
            "sallyport.bindings.*.tunnels-max = 20000",
            "sallyport.bindings.*.url (required)",
            "sallyport.bindings.*.waiting-max = 1024",
            "sallyport.bootstrap.admin.email (required)",
            "sallyport.bootstrap.admin.password (required)",
            "sallyport.bootstrap.demo.email (required)",
            "sallyport.bootstrap.demo.password (required)",
            "sallyport.demo.enabled = false",
            "sallyport.hosts = localhost,127.0.0.1,[::1]",
            "sallyport.limit.address-per-minute = 100",
            "sallyport.limit.patience = PT0.05S",
            "sallyport.limit.principal-per-minute = 1000",
            "sallyport.origins (optional)",
            "sallyport.routes.file (optional)",
            "sallyport.signing.keys (optional)",
            "sallyport.trust = signed",
            "sallyport.trusted-hops = 0");
  }

  private static SortedSet<String> keys() {
    SortedSet<String> keys = new TreeSet<>();
    new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.sallyport.user")
            .stream()
            .filter(one -> one.isAnnotatedWith(ConfigMapping.class))
            .map(JavaClass::reflect)
            .forEach(one -> add(keys, one.getAnnotation(ConfigMapping.class).prefix(), one));
    return keys;
  }

  private static void add(SortedSet<String> keys, String prefix, Class<?> mapping) {
    for (var setting : mapping.getDeclaredMethods()) {
      add(keys, prefix + "." + kebab(setting.getName()), setting, setting.getGenericReturnType());
    }
  }

  private static void add(SortedSet<String> keys, String key, Method setting, Type type) {
    var fallback = setting.getAnnotation(WithDefault.class);
    if (type instanceof ParameterizedType map && map.getRawType() == Map.class) {
      add(keys, key + ".*", setting, map.getActualTypeArguments()[1]);
    } else if (!groups(type).isEmpty()) {
      groups(type).forEach(group -> add(keys, key, group));
    } else if (fallback != null) {
      keys.add(key + " = " + fallback.value());
    } else {
      keys.add(key + (setting.getReturnType() == Optional.class ? " (optional)" : " (required)"));
    }
  }

  /** The nested mapping that this type is, may be, or is not. */
  private static List<Class<?>> groups(Type type) {
    var inner =
        type instanceof ParameterizedType optional ? optional.getActualTypeArguments()[0] : type;
    return inner instanceof Class<?> group
            && group.isInterface()
            && group.getName().startsWith("dev.sallyport")
        ? List.of(group)
        : List.of();
  }

  private static String kebab(String name) {
    return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }
}
