"""Text without the outside world: cleaning, sentences, HTML, pasted articles, dates."""
