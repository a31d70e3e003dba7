package dev.sallyport.data.actor;

import dev.sallyport.data.lease.WorkerLease;
import dev.sallyport.data.platform.Ticker;
import dev.sallyport.data.platform.Transactions;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * What all actors of a worker work with. Immutable.
 *
 * @param held bytes of state that all of them keep in memory
 * @param gone told of each one that leaves memory; more than once at times
 */
record Tools(
    WorkerLease lease,
    KeepSql keep,
    LookSql look,
    AlarmSql alarms,
    Transactions transactions,
    ActorJson json,
    InstantSource clock,
    Ticker ticker,
    ActorMeters meters,
    AtomicLong held,
    Consumer<Tenant> gone) {}
