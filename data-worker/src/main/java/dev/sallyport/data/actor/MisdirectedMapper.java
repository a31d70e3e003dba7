package dev.sallyport.data.actor;

import dev.sallyport.model.ProblemType;
import dev.sallyport.model.WorkerHeaders;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Answers 421 with the owner's address; the user-worker follows it, and shows it to nobody. */
class MisdirectedMapper {
  @ServerExceptionMapper
  Response map(Misdirected misdirected) {
    return Response.status(ProblemType.MISDIRECTED.status())
        .header(WorkerHeaders.OWNER, misdirected.owner())
        .build();
  }
}
