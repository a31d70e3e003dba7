package dev.sallyport.user.auth;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code account.refresh_token}: works once, and tells when it is shown again. */
@Entity
@Table(schema = "account", name = "refresh_token")
@NullUnmarked
class RefreshToken extends PanacheEntityBase {
  @Id byte[] hash;

  @Column(name = "session_id", nullable = false)
  UUID sessionId;

  @Column(name = "used_at")
  Instant usedAt;
}
