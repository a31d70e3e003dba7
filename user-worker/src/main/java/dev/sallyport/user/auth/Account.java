package dev.sallyport.user.auth;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.UUID;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code account.account}; see the migration for what each column means. */
@Entity
@Table(schema = "account", name = "account")
@NullUnmarked
class Account extends PanacheEntityBase {
  @Id UUID id;

  @Column(nullable = false)
  String email;

  @Column(name = "password_hash")
  String passwordHash;

  @Column(name = "display_name")
  String displayName;

  @Column(nullable = false)
  String roles;

  @Column(nullable = false)
  boolean disabled;
}
