package dev.sallyport.local;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** What is printed when everything answers: where it is, and three commands that show it. */
final class Welcome {

  private static final Pattern PLAIN_WORD = Pattern.compile("[A-Za-z0-9_./@%+=:,-]+");

  private Welcome() {}

  /**
   * The lines.
   *
   * @param calledFrom the folder where they will be pasted
   */
  static List<String> lines(
      UpFolder folder, String address, Credentials credentials, Path calledFrom) {
    String jar = word(path(folder, folder.cookies(), calledFrom));
    String json = " -H 'Content-Type: application/json'";
    return List.of(
        "",
        "Sallyport answers at " + address,
        "Accounts and passwords: " + path(folder, folder.credentials(), calledFrom),
        "",
        "Sign in, call the private worker through the public one, and have it echo:",
        "",
        "curl -s "
            + address
            + "/auth/login"
            + json
            + " -c "
            + jar
            + " -d '"
            + credentials.demoSignIn()
            + "'",
        "curl -s " + address + "/api/internal/ping -b " + jar,
        "curl -s "
            + address
            + "/api/internal/echo -b "
            + jar
            + " -H 'Origin: "
            + address
            + "'"
            + json
            + " -d '{\"hello\":\"keep\"}'",
        "",
        "Ctrl-C stops everything.");
  }

  /** Short where it is pasted in the repository, else absolute. */
  private static String path(UpFolder folder, Path file, Path calledFrom) {
    return calledFrom.equals(folder.repository())
        ? folder.repository().relativize(file).toString()
        : file.toString();
  }

  private static String word(String text) {
    return PLAIN_WORD.matcher(text).matches() ? text : ShellVariables.quoted(text);
  }
}
