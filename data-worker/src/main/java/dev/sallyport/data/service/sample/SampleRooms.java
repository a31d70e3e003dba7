package dev.sallyport.data.service.sample;

import dev.sallyport.data.binding.Caller;
import dev.sallyport.data.room.RoomPolicy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/** Opens each room whose name has no dash to every signed-in user. */
@ApplicationScoped
class SampleRooms implements RoomPolicy {
  private final SampleSettings settings;

  @Inject
  SampleRooms(SampleSettings settings) {
    this.settings = settings;
  }

  @Override
  public String prefix() {
    return "";
  }

  @Override
  public boolean enabled() {
    return settings.enabled();
  }

  @Override
  public boolean mayCreate(Caller.User user, String room) {
    return mayRead(user, room);
  }

  @Override
  public boolean mayRead(Caller.User user, String room) {
    return room.indexOf('-') < 0;
  }
}
