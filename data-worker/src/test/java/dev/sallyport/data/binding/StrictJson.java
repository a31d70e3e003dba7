package dev.sallyport.data.binding;

import com.fasterxml.jackson.databind.ObjectMapper;

/** JSON as the worker reads and writes it, for tests without a worker. */
public final class StrictJson {
  private StrictJson() {}

  public static ObjectMapper mapper() {
    var mapper = new ObjectMapper().findAndRegisterModules();
    new JsonRules().customize(mapper);
    return mapper;
  }
}
