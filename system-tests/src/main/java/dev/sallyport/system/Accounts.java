package dev.sallyport.system;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.StreamSupport;

/** People who sign up and sign in at one user-worker. Thread-safe. */
final class Accounts {
  /** An account and the password that opens it. */
  record Account(String id, String email, String password, List<String> roles) {}

  /** What one sign-in gave. */
  record Session(Account account, String accessToken, String refreshToken, long expiresIn) {
    /** The header value that goes with a call. */
    String bearer() {
      return "Bearer " + accessToken;
    }
  }

  static final String PASSWORD = "a long enough passphrase 7";

  private final Http http;

  Accounts(Http http) {
    this.http = http;
  }

  /** An address that nobody has. */
  static String freshEmail() {
    return "user-" + UUID.randomUUID() + "@example.test";
  }

  /** Signs up somebody new. */
  Account register() {
    var email = freshEmail();
    var answer = http.post("/auth/register", credentials(email, PASSWORD));
    expect(201, answer);
    return account(answer.json(), PASSWORD);
  }

  /** Signs in. */
  Session login(Account account) {
    return login(account.email(), account.password());
  }

  Session login(String email, String password) {
    var answer = http.post("/auth/login", credentials(email, password));
    expect(200, answer);
    return session(answer.json(), password);
  }

  /** Somebody new, signed in. */
  Session newSession() {
    return login(register());
  }

  /** Reads the body of a login or refresh. */
  static Session session(JsonNode body, String password) {
    return new Session(
        account(body.required("user"), password),
        body.required("accessToken").asText(),
        body.required("refreshToken").asText(),
        body.required("expiresIn").asLong());
  }

  private static Account account(JsonNode user, String password) {
    var roles =
        StreamSupport.stream(user.required("roles").spliterator(), false)
            .map(JsonNode::asText)
            .toList();
    return new Account(
        user.required("id").asText(), user.required("email").asText(), password, roles);
  }

  static String credentials(String email, String password) {
    return Json.write(Map.of("email", email, "password", password));
  }

  private static void expect(int status, Answer answer) {
    if (answer.status() != status) {
      throw new IllegalStateException("expected " + status + ", found " + answer);
    }
  }
}
