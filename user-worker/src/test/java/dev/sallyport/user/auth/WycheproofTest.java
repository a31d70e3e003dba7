package dev.sallyport.user.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jboss.logging.Logger;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * The vectors of Wycheproof (github.com/C2SP/wycheproof) for signatures and keys, against what
 * other issuers' tokens are verified with. The system property {@code wycheproof.dir} names the
 * folder that has them.
 */
class WycheproofTest {
  private static final String FOLDER = "wycheproof.dir";

  /**
   * Valid by Wycheproof, and refused by us: the key says that it is for another algorithm than the
   * token's, which in other vectors is what makes them invalid.
   */
  private static final Set<String> KEY_FOR_ANOTHER_ALGORITHM = Set.of("346", "347", "350", "351");

  private static Path folder() {
    var named = System.getProperty(FOLDER, "");
    boolean there = !named.isEmpty() && Files.isDirectory(Path.of(named));
    var missing = "Wycheproof's vectors are not here: -D" + FOLDER + " names no folder";
    if (!there) {
      Logger.getLogger(WycheproofTest.class).warn(missing);
    }
    // `./sallyport test` prints this at its end.
    Assumptions.assumeTrue(there, missing);
    return Path.of(named);
  }

  private static int each(String file, BiConsumer<JsonNode, JsonNode> check) throws IOException {
    int count = 0;
    var vectors = new ObjectMapper().readTree(Files.readString(folder().resolve(file)));
    for (var group : vectors.get("testGroups")) {
      for (var test : group.get("tests")) {
        check.accept(group, test);
        count++;
      }
    }
    return count;
  }

  /**
   * As an issuer would publish them; a secret key, which none would, where that is all there is.
   */
  private static List<JsonWebKey> keys(JsonNode group) {
    var published = group.has("public") ? group.get("public") : group.get("private");
    var keys = new ArrayList<JsonWebKey>();
    for (var key : published.has("keys") ? published.get("keys") : List.of(published)) {
      try {
        keys.add(JsonWebKey.Factory.newJwk(key.toString()));
      } catch (JoseException | RuntimeException e) {
        // A set with a key that is none is no set.
        return List.of();
      }
    }
    return keys;
  }

  /** What is encrypted is no signature, however well. */
  private static String token(JsonNode test) {
    return test.get(test.has("jws") ? "jws" : "jwe").asText();
  }

  private static boolean isTaken(JsonNode group, JsonNode test, Set<String> allowed) {
    try {
      JwsRules.payload(token(test), keys(group), allowed);
      return true;
    } catch (JoseException e) {
      return false;
    }
  }

  private static String algorithm(JsonNode test) {
    try {
      var head = token(test).split("\\.", -1)[0];
      var alg = new ObjectMapper().readTree(Base64.getUrlDecoder().decode(head)).get("alg");
      return alg == null ? "" : alg.asText();
    } catch (IOException | IllegalArgumentException e) {
      return "";
    }
  }

  private static void check(JsonNode group, JsonNode test, Set<String> seen) {
    var id = test.get("tcId").asText();
    var label = id + " " + test.get("comment").asText() + " in " + group.get("comment").asText();
    switch (test.get("result").asText()) {
      case "invalid" -> {
        assertThat(isTaken(group, test, JwsRules.ALGORITHMS)).as(label).isFalse();
        for (var one : JwsRules.ALGORITHMS) {
          assertThat(isTaken(group, test, Set.of(one))).as(label + " by " + one).isFalse();
        }
      }
      case "valid" -> {
        var algorithm = algorithm(test);
        boolean wanted =
            JwsRules.ALGORITHMS.contains(algorithm) && !KEY_FOR_ANOTHER_ALGORITHM.contains(id);
        assertThat(isTaken(group, test, JwsRules.ALGORITHMS)).as(label).isEqualTo(wanted);
        for (var one : JwsRules.ALGORITHMS) {
          assertThat(isTaken(group, test, Set.of(one)))
              .as(label + " by " + one)
              .isEqualTo(wanted && one.equals(algorithm));
        }
        if (wanted) {
          seen.add(algorithm);
        }
      }
      case "acceptable" -> assertThat(isTaken(group, test, Set.of("ES256"))).isIn(true, false);
      default -> fail(label);
    }
  }

  @Test
  void everySignatureIsJudgedAsItShouldBe() throws IOException {
    var seen = new HashSet<String>();
    assertThat(each("json_web_signature_test.json", (group, test) -> check(group, test, seen)))
        .isEqualTo(401);
    assertThat(seen).contains("ES256", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512");
  }

  @Test
  void everyKeyIsJudgedAsItShouldBe() throws IOException {
    var seen = new HashSet<String>();
    assertThat(each("json_web_key_test.json", (group, test) -> check(group, test, seen)))
        .isEqualTo(26);
    assertThat(seen).contains("RS256");
  }

  @Test
  void whatIsEncryptedOrSharedIsNoSignatureOfAnIssuer() throws IOException {
    var seen = new HashSet<String>();
    assertThat(each("json_web_crypto_test.json", (group, test) -> check(group, test, seen)))
        .isEqualTo(83);
    assertThat(seen).contains("ES256", "RS256");
  }
}
