package dev.sallyport.user.binding;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RetryBudgetTest {
  private static int spendAll(RetryBudget budget) {
    int spent = 0;
    while (budget.spend()) {
      spent++;
    }
    return spent;
  }

  @Test
  void aFewAreThereToBeginWith() {
    assertThat(spendAll(new RetryBudget(10))).isEqualTo(RetryBudget.SAVED_MAX);
  }

  @Test
  void afterThatOneOfTenCallsIsMadeAgain() {
    var budget = new RetryBudget(10);
    spendAll(budget);
    int again = 0;
    for (int i = 0; i < 1000; i++) {
      budget.earn();
      again += budget.spend() ? 1 : 0;
    }
    assertThat(again).isEqualTo(100);
  }

  @Test
  void quietTimesSaveUpNoStorm() {
    var budget = new RetryBudget(10);
    for (int i = 0; i < 100_000; i++) {
      budget.earn();
    }
    assertThat(spendAll(budget)).isEqualTo(RetryBudget.SAVED_MAX);
  }

  @Test
  void withoutABudgetNoneIsMadeAgain() {
    var none = new RetryBudget(0);
    none.earn();
    assertThat(spendAll(none)).isZero();
  }
}
