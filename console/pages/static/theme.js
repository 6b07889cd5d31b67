// The colours the system asks for, where the person has not chosen; before anything is drawn.
if (!document.documentElement.dataset.bsTheme && matchMedia("(prefers-color-scheme: dark)").matches)
  document.documentElement.dataset.bsTheme = "dark";
