package dev.sallyport.user.route;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code routes.json}. Whatever is not as it should be refuses the whole text: half of
 * somebody's routes are none of theirs. Immutable.
 */
final class RouteReader {
  static final int ROUTES_MAX = 10_000;

  private static final int PATH_MAX = 1024;
  private static final int DOMAIN_MAX = 253;

  /**
   * RFC 3986, 3.3, less escapes, which would be a second spelling, {@code ;}, and {@code *}, which
   * would mean itself.
   */
  private static final Pattern PATH =
      Pattern.compile("(?:/(?!\\.{1,2}(?:/|$))[A-Za-z0-9._~!$&'()+,=:@-]+)+");

  private static final Pattern NAME =
      Pattern.compile(
          "(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?");

  /** A label that only an address ends with. */
  private static final Pattern ENDS_LIKE_AN_ADDRESS = Pattern.compile("(?:.*\\.)?[0-9]+");

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /**
   * What was read.
   *
   * @param version as the text says, or 0
   */
  record Read(long version, RouteTable table) {}

  private final Predicate<String> isBinding;

  /**
   * @param isBinding whether this worker has a binding of this name
   */
  RouteReader(Predicate<String> isBinding) {
    this.isBinding = isBinding;
  }

  Read read(String text) throws RouteError {
    var document = fields("the file", json(text), Set.of("version", "routes"));
    var list = document.path("routes");
    if (!list.isArray()) {
      throw RouteError.at("routes", "a list", shown(list));
    }
    if (list.size() > ROUTES_MAX) {
      throw RouteError.at("routes", "at most " + ROUTES_MAX, Integer.toString(list.size()));
    }
    var routes = new ArrayList<Route>();
    var places = new HashMap<Route.Key, String>();
    for (var one : list) {
      var place = "routes[" + routes.size() + "]";
      var route = route(place, one);
      var first = places.putIfAbsent(route.key(), place);
      if (first != null) {
        throw RouteError.twice(place, first, route.key().text());
      }
      routes.add(route);
    }
    var version = document.path("version");
    return new Read(
        version.isMissingNode() ? 0 : number("version", version, Long.MAX_VALUE),
        new RouteTable(routes));
  }

  private static JsonNode json(String text) throws RouteError {
    try {
      return MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      var at = e.getLocation();
      var place = at == null ? "the file" : "line " + at.getLineNr() + ", " + at.getColumnNr();
      throw RouteError.at(place, "JSON", e.getOriginalMessage());
    }
  }

  private Route route(String place, JsonNode one) throws RouteError {
    var fields = fields(place, one, Set.of("path", "domain", "binding", "requirement", "limits"));
    var binding = text(place + ".binding", fields.path("binding"));
    if (!isBinding.test(binding)) {
      throw RouteError.at(
          place + ".binding", "the name of a binding below sallyport.bindings", binding);
    }
    var limits = fields.path("limits");
    return new Route(
        key(place, fields),
        binding,
        word(place + ".requirement", fields.path("requirement"), Requirement.values()),
        limits.isMissingNode() ? null : limits(place + ".limits", limits));
  }

  private static Route.Key key(String place, JsonNode fields) throws RouteError {
    var path = fields.path("path");
    var domain = fields.path("domain");
    if (path.isMissingNode() == domain.isMissingNode()) {
      throw RouteError.at(
          place, "either path or domain", path.isMissingNode() ? "neither" : "both");
    }
    return domain.isMissingNode()
        ? path(place + ".path", text(place + ".path", path))
        : domain(place + ".domain", text(place + ".domain", domain));
  }

  private static Route.Key path(String place, String path) throws RouteError {
    if (path.length() > PATH_MAX || !PATH.matcher(path).matches()) {
      throw RouteError.at(
          place, "a path of plain segments such as /shop, no slash at the end", path);
    }
    if (ReservedPaths.have(path) || path.equals(Routes.WAITLIST)) {
      throw RouteError.at(place, "a path that is not the user-worker's own", path);
    }
    return new Route.Key.PathPrefix(path);
  }

  private static Route.Key domain(String place, String text) throws RouteError {
    var lower = text.toLowerCase(Locale.ROOT);
    var domain = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    if (domain.startsWith("[") && domain.endsWith("]")) {
      return new Route.Key.Domain(
          HostName.parse(domain).orElseThrow(() -> noDomain(place, text)).text());
    }
    var name = domain.startsWith("*.") ? domain.substring(2) : domain;
    if (name.length() > DOMAIN_MAX || !NAME.matcher(name).matches()) {
      throw noDomain(place, text);
    }
    if (name.equals(domain)) {
      return new Route.Key.Domain(name);
    }
    if (ENDS_LIKE_AN_ADDRESS.matcher(name).matches()) {
      throw noDomain(place, text);
    }
    return new Route.Key.Wildcard(name);
  }

  private static RouteError noDomain(String place, String text) {
    return RouteError.at(
        place, "a host without port such as shop.example or *.example, beyond ASCII as xn--", text);
  }

  private static RouteLimits limits(String place, JsonNode limits) throws RouteError {
    var fields =
        fields(place, limits, Set.of("addressPerMinute", "principalPerMinute", "whenRedisIsAway"));
    var away = fields.path("whenRedisIsAway");
    return new RouteLimits(
        perMinute(place, fields, "addressPerMinute"),
        perMinute(place, fields, "principalPerMinute"),
        away.isMissingNode()
            ? RouteLimits.WhenRedisIsAway.LOCAL
            : word(place + ".whenRedisIsAway", away, RouteLimits.WhenRedisIsAway.values()));
  }

  private static @Nullable Integer perMinute(String place, JsonNode limits, String name)
      throws RouteError {
    var value = limits.path(name);
    if (value.isMissingNode()) {
      return null;
    }
    int count = (int) number(place + "." + name, value, RouteLimits.PER_MINUTE_MAX);
    if (count == 0) {
      throw RouteError.at(place + "." + name, "1 or more", "0");
    }
    return count;
  }

  /** An object with no field but these. */
  private static JsonNode fields(String place, @Nullable JsonNode value, Set<String> known)
      throws RouteError {
    if (value == null || !value.isObject()) {
      throw RouteError.at(place, "an object", shown(value));
    }
    for (var field : value.properties()) {
      if (!known.contains(field.getKey())) {
        throw RouteError.at(
            place,
            "no field but " + known.stream().sorted().collect(Collectors.joining(", ")),
            field.getKey());
      }
    }
    return value;
  }

  private static String text(String place, JsonNode value) throws RouteError {
    if (!value.isTextual()) {
      throw RouteError.at(place, "a text", shown(value));
    }
    return value.textValue();
  }

  private static long number(String place, JsonNode value, long max) throws RouteError {
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw RouteError.at(place, "a whole number", shown(value));
    }
    long number = value.longValue();
    if (number < 0 || number > max) {
      throw RouteError.at(place, "0 to " + max, shown(value));
    }
    return number;
  }

  private static <E extends Enum<E>> E word(String place, JsonNode value, E[] words)
      throws RouteError {
    for (var word : words) {
      if (value.isTextual() && value.textValue().equals(lower(word))) {
        return word;
      }
    }
    var all = Arrays.stream(words).map(RouteReader::lower).collect(Collectors.joining(", "));
    throw RouteError.at(place, "one of " + all, shown(value));
  }

  private static String lower(Enum<?> word) {
    return word.name().toLowerCase(Locale.ROOT);
  }

  private static String shown(@Nullable JsonNode value) {
    return value == null || value.isMissingNode() ? "nothing" : value.toString();
  }
}
