// The texts on the page that stand out too little from what is behind them: WCAG 2.2, 1.4.3.
(() => {
  const parts = (colour) => colour.match(/[\d.]+/g).map(Number);
  const luminance = (colour) => {
    const [r, g, b] = parts(colour)
      .slice(0, 3)
      .map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const colour = element === null ? "rgb(255, 255, 255)" : getComputedStyle(element).backgroundColor;
    return element === null || (parts(colour)[3] ?? 1) === 1 ? colour : behind(element.parentElement);
  };
  const contrast = (element) => {
    const both = [luminance(getComputedStyle(element).color), luminance(behind(element))].sort((a, b) => b - a);
    return (both[0] + 0.05) / (both[1] + 0.05);
  };
  const hasText = (element) =>
    element.matches("input") ||
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== "");
  return [...document.querySelectorAll("body *")]
    .filter((element) => element.checkVisibility() && hasText(element) && contrast(element) < 4.5)
    .map((element) => `${element.localName} ${element.textContent.slice(0, 40)}: ${contrast(element).toFixed(2)}`);
})();
