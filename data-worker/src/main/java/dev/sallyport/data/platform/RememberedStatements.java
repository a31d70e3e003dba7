package dev.sallyport.data.platform;

import io.quarkus.reactive.pg.client.PgPoolCreator;
import io.vertx.pgclient.PgBuilder;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnectOptions;
import jakarta.inject.Singleton;
import java.util.ArrayList;

/**
 * Makes the pool remember long prepared statements too. The client keeps none of more than 2,048
 * characters unless it is told to, and Quarkus has no setting for that; a statement that is not
 * kept is parsed and planned at every use.
 */
@Singleton
class RememberedStatements implements PgPoolCreator {
  /** More than any statement has. */
  static final int CHARS_MAX = 16 * 1024;

  @Override
  public Pool create(Input input) {
    var servers = new ArrayList<SqlConnectOptions>(input.pgConnectOptionsList());
    servers.forEach(server -> server.setPreparedStatementCacheSqlLimit(CHARS_MAX));
    return PgBuilder.pool()
        .with(input.poolOptions())
        .connectingTo(servers)
        .using(input.vertx())
        .build();
  }
}
