package dev.sallyport.data.cron;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.data.binding.InternalCall;
import dev.sallyport.data.binding.Paging;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.data.platform.Transactions;
import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.jspecify.annotations.Nullable;

/** Schedules over HTTP, for admins; others find nothing. Blocks, each call on a virtual thread. */
@Path(ScheduleResource.PATH)
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class ScheduleResource {
  static final String PATH = "/api/internal/schedules";

  private final Schedules schedules;
  private final Checks checks;
  private final Firing firing;
  private final Jobs jobs;
  private final ScheduleSql sql;
  private final FireSql fires;
  private final ScheduleView view;
  private final Transactions transactions;
  private final ObjectMapper mapper;

  @Inject
  ScheduleResource(
      Schedules schedules,
      Checks checks,
      Firing firing,
      Jobs jobs,
      ScheduleSql sql,
      FireSql fires,
      ScheduleView view,
      Transactions transactions,
      ObjectMapper mapper) {
    this.schedules = schedules;
    this.checks = checks;
    this.firing = firing;
    this.jobs = jobs;
    this.sql = sql;
    this.fires = fires;
    this.view = view;
    this.transactions = transactions;
    this.mapper = ScheduleBody.exact(mapper);
  }

  /** Schedules in the order of their names. */
  @GET
  public String list(
      @QueryParam("cursor") @Nullable String cursor, @QueryParam("limit") @Nullable String limit) {
    requireAdmin();
    int most = Paging.limit(limit);
    var rows = sql.page(Pages.afterName(cursor), most + 1);
    return view.page(rows, most, view::schedule, ScheduleRow::name);
  }

  @GET
  @Path("/{name}")
  public String get(@PathParam("name") String name) {
    requireAdmin(name);
    return shown(name);
  }

  /** Makes or replaces a schedule. */
  @PUT
  @Path("/{name}")
  @Consumes(MediaType.APPLICATION_JSON)
  public Response put(@PathParam("name") String name, byte[] body) {
    requireAdmin();
    var schedule = ScheduleBody.read(mapper, body);
    boolean created =
        transactions.call(tx -> {
          var errors = checks.of(tx, name, schedule);
          if (!errors.isEmpty()) {
            throw Refusal.of(Problem.invalid(errors));
          }
          return schedules.write(tx, name, false, schedule).orElseThrow(() -> declared("replaced"));
        });
    return Response.status(created ? 201 : 200)
        .header(HttpHeaders.LOCATION, PATH + "/" + name)
        .entity(shown(name))
        .build();
  }

  /** Removes a schedule with its history. */
  @DELETE
  @Path("/{name}")
  public Response delete(@PathParam("name") String name) {
    requireAdmin(name);
    transactions.call(tx -> {
      var row = sql.lock(tx, name).orElseThrow(ScheduleResource::notFound);
      // One that no code declares any more may go.
      boolean alive =
          row.declared() && jobs.find(name).filter(job -> job.schedule() != null).isPresent();
      if (alive) {
        throw declared("removed");
      }
      sql.remove(tx, row.pk());
      return true;
    });
    return Response.noContent().build();
  }

  @POST
  @Path("/{name}/pause")
  public String pause(@PathParam("name") String name) {
    requireAdmin(name);
    change(name, tx -> sql.pause(tx, name), "It is paused already.");
    return shown(name);
  }

  /** Goes on; what was missed meanwhile is dealt with as the schedule says. */
  @POST
  @Path("/{name}/resume")
  public String resume(@PathParam("name") String name) {
    requireAdmin(name);
    change(name, tx -> sql.resume(tx, name), "It is not paused.");
    return shown(name);
  }

  private void change(
      String name, Transactions.Body<Boolean, RuntimeException> change, String otherwise) {
    transactions.call(tx -> {
      if (sql.lock(tx, name).isEmpty()) {
        throw notFound();
      }
      if (!change.run(tx)) {
        throw Refusal.of(ProblemType.CONFLICT, otherwise);
      }
      sql.wake(tx);
      return true;
    });
  }

  /** Fires now, also when paused; when it is due next stays as it is. */
  @POST
  @Path("/{name}/run")
  public Response run(@PathParam("name") String name) {
    requireAdmin(name);
    long fire = firing.now(name);
    var made = fires.history(name, fire + 1, 1);
    if (made.isEmpty()) {
      throw notFound();
    }
    return Response.status(201).entity(view.json(view.fire(made.getFirst()))).build();
  }

  /** What became of each time that it was due, the newest first. */
  @GET
  @Path("/{name}/runs")
  public String runs(
      @PathParam("name") String name,
      @QueryParam("cursor") @Nullable String cursor,
      @QueryParam("limit") @Nullable String limit) {
    requireAdmin(name);
    int most = Paging.limit(limit);
    long before = Pages.beforeNumber(cursor);
    found(name);
    var rows = fires.history(name, before, most + 1);
    return view.page(rows, most, view::fire, fire -> Long.toString(fire.pk()));
  }

  private ScheduleRow found(String name) {
    return transactions.call(tx -> sql.find(tx, name).orElseThrow(ScheduleResource::notFound));
  }

  private String shown(String name) {
    return view.json(view.schedule(found(name)));
  }

  private static void requireAdmin() {
    if (!InternalCall.current().caller().user().isAdmin()) {
      throw Refusal.of(ProblemType.NOT_FOUND, "Nothing is served at this path.");
    }
  }

  /** A name that no schedule can have is not asked for. */
  private static void requireAdmin(String name) {
    requireAdmin();
    if (!Schedules.isName(name)) {
      throw notFound();
    }
  }

  private static Refusal notFound() {
    return Refusal.of(ProblemType.NOT_FOUND, "There is no such schedule.");
  }

  private static Refusal declared(String what) {
    return Refusal.of(
        ProblemType.CONFLICT, "A bean declares it: it can be paused, but not " + what + ".");
  }
}
