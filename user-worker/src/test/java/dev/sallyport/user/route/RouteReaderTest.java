package dev.sallyport.user.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouteReaderTest {
  private final RouteReader reader = new RouteReader("SHOP"::equals);

  private static String one(String fields) {
    return "{\"routes\":[{" + fields.replace('\'', '"') + "}]}";
  }

  private static String keyed(String key) {
    return one(key + ",'binding':'SHOP','requirement':'anonymous'");
  }

  @Test
  void aRouteIsReadWithAllThatItSays() throws RouteError {
    var read =
        reader.read(
            "{\"version\":7,"
                + one("'path':'/shop','binding':'SHOP','requirement':'admin',"
                        + "'limits':{'addressPerMinute':60000000,'principalPerMinute':1,"
                        + "'whenRedisIsAway':'closed'}")
                    .substring(1));
    assertThat(read.version()).isEqualTo(7);
    var route = read.table().byPath("/shop").orElseThrow();
    assertThat(route.key()).isEqualTo(new Route.Key.PathPrefix("/shop"));
    assertThat(route.binding()).isEqualTo("SHOP");
    assertThat(route.requirement()).isEqualTo(Requirement.ADMIN);
    var limits = route.limits().orElseThrow();
    assertThat(limits)
        .isEqualTo(new RouteLimits(60_000_000, 1, RouteLimits.WhenRedisIsAway.CLOSED));
  }

  @Test
  void whatIsNotSaidOfLimitsIsAsEverywhere() throws RouteError {
    var none = reader.read(keyed("'path':'/shop'")).table().byPath("/shop").orElseThrow();
    assertThat(none.limits()).isEmpty();
    var some =
        reader.read(keyed("'path':'/shop','limits':{}")).table().byPath("/shop").orElseThrow();
    assertThat(some.limits())
        .contains(new RouteLimits(null, null, RouteLimits.WhenRedisIsAway.LOCAL));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "shop.example",
        "SHOP.example.",
        "a_b.example",
        "xn--bcher-kva.example",
        "localhost",
        "10.0.0.1",
        "[2001:db8::1]",
        "*.example",
        "*.shop.example"
      })
  void aDomainIsAHostOrWhatIsBelowOne(String domain) throws RouteError {
    assertThat(reader.read(keyed("'domain':'" + domain + "'")).table().size()).isOne();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "*",
        "*.",
        "*.*.example",
        "a.*.example",
        "*example",
        "shop.example:8080",
        "shop..example",
        ".example",
        "-a.example",
        "a-.example",
        "http://shop.example",
        "shop.example/a",
        "b\u00fccher.example",
        "*.0.0.1",
        "*.[::1]",
        "[::1]:80",
        "[::g]",
        "a b"
      })
  void whatIsNoDomainIsRefusedAtItsPlace(String domain) {
    refuses(keyed("'domain':'" + domain + "'"), "routes[0].domain: expected a host");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/shop", "/shop/a", "/apis", "/healthy", "/L", "/a.b", "/a..b", "/waitlists"})
  void aPathIsWholeSegments(String path) throws RouteError {
    assertThat(reader.read(keyed("'path':'" + path + "'")).table().byPath(path)).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "shop",
        "/shop/",
        "//shop",
        "/a//b",
        "/.",
        "/a/..",
        "/../a",
        "/a?b",
        "/a#b",
        "/a%20b",
        "/a;b",
        "/a b",
        "/a\u00e9",
        "/*"
      })
  void whatIsNoPathIsRefusedAtItsPlace(String path) {
    refuses(keyed("'path':'" + path + "'"), "routes[0].path: expected a path of plain segments");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api",
        "/api/x",
        "/auth",
        "/auth/login",
        "/app",
        "/app/x",
        "/demo",
        "/l",
        "/l/x",
        "/q",
        "/q/health",
        "/openapi",
        "/health",
        "/health/x",
        "/.well-known",
        "/.well-known/x",
        "/waitlist"
      })
  void noRouteTakesThePlaceOfThisWorkersOwnPaths(String path) {
    refuses(
        keyed("'path':'" + path + "'"),
        "routes[0].path: expected a path that is not the user-worker's own, found " + path);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "{} | routes: expected a list, found nothing",
        "{'routes':{}} | routes: expected a list",
        "[] | the file: expected an object, found []",
        "{'routes':[],'more':1} | the file: expected no field but routes, version, found more",
        "{'routes':[],'version':'1'} | version: expected a whole number",
        "{'routes':[],'version':1.5} | version: expected a whole number",
        "{'routes':[],'version':-1} | version: expected 0 to",
        "{'routes':[],'routes':[]} | expected JSON",
        "{'routes':[]} {} | expected JSON",
        "{'routes':[ | line 1",
        "{'routes':[1]} | routes[0]: expected an object, found 1",
        "{'routes':[null]} | routes[0]: expected an object, found null"
      })
  void aTextThatIsNoTableIsRefusedAtItsPlace(String text, String because) {
    refuses(text.replace('\'', '"'), because);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "'binding':'SHOP','requirement':'anonymous' | routes[0]: expected either path or domain, found neither",
        "'path':'/a','domain':'a','binding':'SHOP','requirement':'anonymous' | found both",
        "'path':5,'binding':'SHOP','requirement':'anonymous' | routes[0].path: expected a text, found 5",
        "'path':'/a','requirement':'anonymous' | routes[0].binding: expected a text, found nothing",
        "'path':'/a','binding':'shop','requirement':'anonymous' | routes[0].binding: expected the name of a binding below sallyport.bindings, found shop",
        "'path':'/a','binding':'SHOP' | routes[0].requirement: expected one of anonymous, authenticated, admin, found nothing",
        "'path':'/a','binding':'SHOP','requirement':'ADMIN' | routes[0].requirement",
        "'path':'/a','binding':'SHOP','requirement':'admin','url':'x' | routes[0]: expected no field but",
        "'path':'/a','binding':'SHOP','requirement':'admin','limits':5 | routes[0].limits: expected an object",
        "'path':'/a','binding':'SHOP','requirement':'admin','limits':{'a':1} | routes[0].limits: expected no field but",
        "'path':'/a','binding':'SHOP','requirement':'admin','limits':{'addressPerMinute':0} | routes[0].limits.addressPerMinute: expected 1 or more",
        "'path':'/a','binding':'SHOP','requirement':'admin','limits':{'principalPerMinute':60000001} | routes[0].limits.principalPerMinute: expected 0 to 60000000",
        "'path':'/a','binding':'SHOP','requirement':'admin','limits':{'whenRedisIsAway':'shut'} | routes[0].limits.whenRedisIsAway: expected one of closed, open, local"
      })
  void aRouteThatIsNoneIsRefusedAtItsPlace(String fields, String because) {
    refuses(one(fields), because);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "'path':'/a' | 'path':'/a'",
        "'domain':'shop.example' | 'domain':'SHOP.example.'",
        "'domain':'*.example' | 'domain':'*.EXAMPLE'",
        "'domain':'[::1]' | 'domain':'[0:0:0:0:0:0:0:1]'"
      })
  void oneKeyHasOneRoute(String first, String second) {
    var text = (keyed(first) + keyed(second)).replace("]}{\"routes\":[", ",");
    refuses(text, "routes[1]");
    refuses(text, "is at routes[0] already");
  }

  @Test
  void thereIsABoundToRoutes() {
    var text = new StringBuilder("{\"routes\":[0");
    for (int i = 0; i < RouteReader.ROUTES_MAX; i++) {
      text.append(",0");
    }
    refuses(text.append("]}").toString(), "routes: expected at most 10000, found 10001");
  }

  private void refuses(String text, String because) {
    assertThatThrownBy(() -> reader.read(text))
        .isInstanceOf(RouteError.class)
        .hasMessageContaining(because);
  }
}
