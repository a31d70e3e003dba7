package dev.sallyport.data.service.echo;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.data.binding.InternalCall;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.model.ProblemType;
import io.smallrye.common.annotation.NonBlocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Returns the JSON value it was sent. The value's own text is put into the answer, not a tree read
 * from it, so that numbers keep all their digits and fields their order; a repeated field is
 * refused because it has no one value. On the event loop: 1 MiB, the most there can be, takes
 * milliseconds to check.
 */
@Path("/api/internal/echo")
@NonBlocking
public class EchoResource {
  private final JsonFactory json;

  @Inject
  EchoResource(ObjectMapper mapper) {
    this.json = mapper.getFactory();
  }

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  public String echo(byte[] body) throws IOException {
    var user = InternalCall.current().caller().user();
    var value = checked(body);
    var answer = new StringWriter(value.length() + 64);
    try (var generator = json.createGenerator(answer)) {
      generator.writeStartObject();
      generator.writeStringField("userId", user.id());
      generator.writeFieldName("body");
      generator.writeRawValue(value);
      generator.writeEndObject();
    }
    return answer.toString();
  }

  /** The text of exactly one JSON value. */
  private String checked(byte[] body) throws IOException {
    try {
      var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
      try (var parser = json.createParser(text)) {
        if (parser.nextToken() == null) {
          throw badJson("The body is empty; send one JSON value.");
        }
        parser.skipChildren();
        if (parser.nextToken() != null) {
          throw badJson("Send one JSON value, not several.");
        }
      }
      return text;
    } catch (CharacterCodingException e) {
      throw badJson("The body is not UTF-8.");
    } catch (JsonProcessingException e) {
      var where = e.getLocation();
      throw badJson(
          where == null
              ? "The body is not JSON."
              : "The body is not JSON at line "
                  + where.getLineNr()
                  + ", column "
                  + where.getColumnNr()
                  + ".");
    }
  }

  private static Refusal badJson(String detail) {
    return Refusal.of(ProblemType.BAD_JSON, detail);
  }
}
