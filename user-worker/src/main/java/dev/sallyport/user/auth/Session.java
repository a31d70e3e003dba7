package dev.sallyport.user.auth;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code account.session}: one sign-in, until it is ended or expires. */
@Entity
@Table(schema = "account", name = "session")
@NullUnmarked
class Session extends PanacheEntityBase {
  @Id UUID id;

  @Column(name = "account_id", nullable = false)
  UUID accountId;

  @Column(name = "cookie_hash", nullable = false)
  byte[] cookieHash;

  @Column(name = "expires_at", nullable = false)
  Instant expiresAt;

  @Column(name = "ended_at")
  Instant endedAt;
}
