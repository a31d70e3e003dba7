package dev.sallyport.user.route;

import dev.sallyport.model.Problem;
import dev.sallyport.model.Problem.FieldError;
import dev.sallyport.model.ProblemType;
import dev.sallyport.user.platform.Database;
import dev.sallyport.user.platform.EmailAddress;
import dev.sallyport.user.platform.ProblemException;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where visitors leave their address, on every host. Says the same to whoever is there already. */
@Path(Routes.WAITLIST)
public class WaitlistResource {
  private final WaitlistSql waitlist;
  private final Database database;

  record Entry(@Nullable String email) {}

  @Inject
  WaitlistResource(WaitlistSql waitlist, Database database) {
    this.waitlist = waitlist;
    this.database = database;
  }

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @RunOnVirtualThread
  public Response join(@Nullable Entry entry) {
    if (entry == null) {
      throw new ProblemException(ProblemType.BAD_JSON, "There is no JSON object in the body.");
    }
    var sent = entry.email();
    var email =
        EmailAddress.parse(sent == null ? "" : sent)
            .orElseThrow(() ->
                new ProblemException(
                    Problem.invalid(List.of(new FieldError("email", "must be an email address")))));
    database.await(waitlist.add(email).toCompletionStage());
    return Response.accepted().build();
  }
}
