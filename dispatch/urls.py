from dispatch import office_urls, worker_urls

app_name = "dispatch"
urlpatterns = [*office_urls.urlpatterns, *worker_urls.urlpatterns]
