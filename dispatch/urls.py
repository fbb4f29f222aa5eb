from dispatch import office_urls, public_urls, worker_urls

app_name = "dispatch"
urlpatterns = [*public_urls.urlpatterns, *office_urls.urlpatterns, *worker_urls.urlpatterns]
